"""The CRM: rows about customers, agents and interactions, and the web pages that show them."""
