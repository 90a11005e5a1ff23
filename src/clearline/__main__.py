"""python -m clearline."""

from clearline.cli.main import main

main()
