"""`python -m hubflow` is the command line."""

from hubflow.cli.main import main

if __name__ == "__main__":
    main()
