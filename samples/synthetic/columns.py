"""The columns of the tables, each with the header that a system in Chinese gives it."""

from __future__ import annotations

from collections.abc import Mapping

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "institutions": {
        "institution_id": "机构编码", "name": "机构名称", "county": "县区", "prefecture": "市",
        "population": "常住人口", "adults": "18岁及以上人口", "elderly": "65岁及以上人口",
        "live_births": "活产数", "children": "0-6岁儿童数", "kind": "机构类型", "staff": "卫生人员数",
    },
    "residents": {
        "institution_id": "机构编码", "person_id": "身份证号", "name": "姓名", "sex": "性别", "birth_date": "出生日期",
        "phone": "联系电话", "filed_on": "建档日期", "electronic": "电子档案", "standardised": "规范化档案",
        "opened": "是否开放", "viewed": "是否查阅", "active": "是否动态使用", "last_updated": "最近更新日期",
        "death_date": "死亡日期",
    },
    "hypertension": {
        "institution_id": "机构编码", "person_id": "身份证号", "birth_date": "出生日期", "diagnosed_on": "确诊日期",
        "managed": "是否管理", "standardised": "是否规范管理", "visits": "随访次数", "last_visit": "最近随访日期",
        "sbp": "收缩压", "dbp": "舒张压", "controlled": "是否控制", "exception": "例外原因",
    },
    "diabetes": {
        "institution_id": "机构编码", "person_id": "身份证号", "birth_date": "出生日期", "diagnosed_on": "确诊日期",
        "managed": "是否管理", "standardised": "是否规范管理", "visits": "随访次数", "last_visit": "最近随访日期",
        "glucose": "空腹血糖", "controlled": "是否控制", "exception": "例外原因",
    },
    "visits": {
        "institution_id": "机构编码", "person_id": "身份证号", "condition": "病种", "visited_on": "随访日期",
        "face_to_face": "面对面随访", "sbp": "收缩压", "dbp": "舒张压", "glucose": "空腹血糖", "medication": "规律服药",
    },
    "elderly": {
        "institution_id": "机构编码", "person_id": "身份证号", "birth_date": "出生日期", "exam_on": "体检日期",
        "exam_complete": "体检完整", "selfcare": "自理能力评估", "tcm": "中医药健康管理",
    },
    "children": {
        "institution_id": "机构编码", "person_id": "身份证号", "birth_date": "出生日期", "followed_up": "期内随访次数",
        "newborn_visit_on": "新生儿访视日期", "certificate": "预防接种证", "tcm": "中医药健康管理",
    },
    "vaccinations": {
        "institution_id": "机构编码", "person_id": "身份证号", "vaccine": "疫苗名称", "due_on": "应种日期",
        "given_on": "接种日期",
    },
    "maternal": {
        "institution_id": "机构编码", "person_id": "身份证号", "booked_on": "建册日期", "weeks_at_booking": "建册孕周",
        "first_check": "首次产检", "delivered_on": "分娩日期", "discharged_on": "出院日期",
        "postpartum_visit_on": "产后访视日期", "live_births": "活产数",
    },
    "mental": {
        "institution_id": "机构编码", "person_id": "身份证号", "registered_on": "登记日期",
        "standardised": "是否规范管理", "regular_medication": "是否规律服药", "seen": "是否面访", "risk": "危险性评估",
    },
    "tuberculosis": {
        "institution_id": "机构编码", "person_id": "身份证号", "notified_on": "通知日期", "managed": "是否管理",
        "treatment_ended_on": "停止治疗日期", "doses_due": "应服药次数", "doses_taken": "实际服药次数",
    },
    "infections": {
        "institution_id": "机构编码", "case_no": "病例编号", "registered_on": "登记日期", "reported_on": "报告日期",
        "category": "类别",
    },
    "education": {
        "institution_id": "机构编码", "activity": "活动形式", "topic": "主题", "held_on": "活动日期",
        "participants": "参加人数",
    },
    "contracts": {
        "institution_id": "机构编码", "contract_no": "协议编号", "person_id": "身份证号", "signed_on": "签约日期",
        "expires_on": "到期日期", "status": "状态", "paid": "是否有偿", "services": "服务次数", "fulfilled": "是否履约",
    },
    "summary": {
        "institution_id": "机构编码", "indicator": "指标", "kind": "类型", "numerator": "分子", "denominator": "分母",
        "rate": "比率",
    },
}  # fmt: skip

# One column of each table comes as text in every format, so that a cell nobody can read fits in.
LOOSE: Mapping[str, str] = {
    "institutions": "elderly", "residents": "filed_on", "hypertension": "visits", "diabetes": "glucose",
    "visits": "visited_on", "elderly": "exam_on", "children": "followed_up", "vaccinations": "given_on",
    "maternal": "weeks_at_booking", "mental": "risk", "tuberculosis": "doses_taken", "infections": "reported_on",
    "education": "participants", "contracts": "services", "summary": "numerator",
}  # fmt: skip
