"""`python -m app …` is the same as `milepost …`."""

from app.cli import main

if __name__ == "__main__":
    main()
