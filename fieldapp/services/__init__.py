"""What people do, one module a deed: each takes the Session first, checks the role itself, knows no Qt."""
