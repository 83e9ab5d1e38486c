"""`python -m assess.cli`."""

from assess.cli import main

if __name__ == "__main__":  # a second process imports this module, and must not run the command again
    main()
