class site { mysql::db { 'site': user => 'site', password => 'Thatch&Reed6' } }
