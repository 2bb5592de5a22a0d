"""How facts become rows. Each module folds facts into one group of tables, without reading any other."""
