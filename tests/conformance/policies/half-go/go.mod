module half

go 1.24
