"""One folder a part family: ``family.yaml`` says what it is and how people speak of it, ``family.py`` how it's made."""
