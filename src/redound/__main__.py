"""`python -m redound` is the command `redound`."""

from redound.cli import main

if __name__ == "__main__":
    main()
