terraform {
  required_version = "1.8.5"
}

variable "db_password" {
  type        = string
  sensitive   = true
  description = "Password of the orders database; set TF_VAR_db_password"
}

variable "registry_token" {
  type      = string
  sensitive = true
  default   = "glpat-nWzjgblhVWDMtVyYfYVF"
}

variable "password_length" {
  type    = number
  default = 24
}

resource "random_password" "broker" {
  length  = var.password_length
  special = true
}

locals {
  secret_name   = "bakery/orders/db"
  token_subject = "repo:bakery/orders:ref:refs/heads/main"
  key_id        = "ffe4a13d-d4c5-4a7e-a24a-8b0811f1496a"
  image_digest  = "sha256:3b0fe667fbf77da6fc15d75c01cb85c9a26e5fcf6ae13d6c5e6643a26e05c6e3"
  deploy_key    = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI+dMuPWQ0JJvKfQnT8TTOu9Gth4LFxMn11YfX4elmC1q deploy"
}

resource "aws_db_instance" "orders" {
  identifier          = "orders"
  engine              = "postgres"
  instance_class      = "db.t4g.small"
  username            = "orders"
  password            = var.db_password
  storage_encrypted   = true
  publicly_accessible = false
}

resource "aws_db_instance" "recipes" {
  identifier          = "recipes"
  engine              = "postgres"
  instance_class      = "db.t4g.micro"
  username            = "recipes"
  password            = "eD6.sourdough-Plum_921"
  storage_encrypted   = true
  publicly_accessible = false
}

resource "aws_secretsmanager_secret_version" "broker" {
  secret_id     = local.secret_name
  secret_string = random_password.broker.result
}

resource "aws_ssm_parameter" "oven" {
  name  = "/bakery/oven/api-key"
  type  = "SecureString"
  value = "Q9MwyT0pZIh2JsHNjVRYz3zrjbU5K5v8wjR5KAjg"
}
