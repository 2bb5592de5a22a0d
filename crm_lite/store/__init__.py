"""The CRM's rows: database, tables, projections of the journal's facts, queries."""
