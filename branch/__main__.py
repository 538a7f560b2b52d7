"""`python -m branch` is `crm-branch`."""

from branch.cli import main

main()
