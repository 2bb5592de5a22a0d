"""`python -m switch_app` is the console command `hotline`."""

from .cli import main

if __name__ == "__main__":
    main()
