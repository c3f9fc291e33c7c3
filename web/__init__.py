"""What people see: public pages, staff pages. Imports config, forms and cases, never the engine."""
