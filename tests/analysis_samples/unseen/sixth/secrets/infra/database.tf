terraform {
  required_version = "1.8.2"
  required_providers {
    aws        = { source = "hashicorp/aws", version = "5.47.0" }
    cloudflare = { source = "cloudflare/cloudflare", version = "4.31.0" }
    grafana    = { source = "grafana/grafana", version = "2.18.0" }
  }
}

variable "ledger_password" {
  type        = string
  sensitive   = true
  description = "master password of the ledger, for instance 'correct horse'"
}

variable "reports_password" {
  type    = string
  default = "2BP.54ueJuUJaKr4Dhur"
}

variable "password_length" {
  type    = number
  default = 32
}

variable "token_ttl" {
  type    = string
  default = "3600s"
}

provider "aws" {
  region = "eu-central-1"
}

provider "cloudflare" {
  api_token = "ACH121pf7tvk_qmbnDLSQ3rHYCv3E12RDGg07aM2"
}

provider "grafana" {
  url  = "https://dashboards.parcelgate.example"
  auth = var.grafana_token
}

resource "random_password" "audit" {
  length  = var.password_length
  special = true
}

resource "aws_db_instance" "ledger" {
  identifier          = "ledger"
  engine              = "postgres"
  engine_version      = "16.2"
  instance_class      = "db.t4g.medium"
  allocated_storage   = 50
  username            = "ledger"
  password            = var.ledger_password
  storage_encrypted   = true
  kms_key_id          = "arn:aws:kms:eu-central-1:111122223333:key/f9cd2cd3-c72a-4335-8a42-18a877bf0265"
  publicly_accessible = false
  deletion_protection = true
}

resource "aws_db_instance" "tariffs" {
  identifier          = "tariffs"
  engine              = "postgres"
  engine_version      = "16.2"
  instance_class      = "db.t4g.small"
  allocated_storage   = 20
  username            = "tariffs"
  password            = "Fracht_Brief.2206"
  storage_encrypted   = true
  publicly_accessible = false
  deletion_protection = true
}

resource "aws_db_instance" "audit" {
  identifier          = "audit"
  engine              = "postgres"
  engine_version      = "16.2"
  instance_class      = "db.t4g.small"
  allocated_storage   = 20
  username            = "audit"
  password            = random_password.audit.result
  storage_encrypted   = true
  publicly_accessible = false
  deletion_protection = true
}

resource "aws_key_pair" "bastion" {
  key_name   = "bastion"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFnm28/WCShD2j5hCLISquB0Hbakr8vWc0X1KRmdR7sc ops@parcelgate"
}

resource "aws_ssm_parameter" "uplink_token" {
  name  = "/parcelgate/uplink/token"
  type  = "SecureString"
  value = "BrhGeO5PM5rS6jLJWjkJsOXRkwLDkAwpDZPUDp3y"
}

resource "aws_ssm_parameter" "uplink_region" {
  name  = "/parcelgate/uplink/token_region"
  type  = "String"
  value = "eu-central-1"
}

data "aws_secretsmanager_secret_version" "carrier" {
  secret_id = "parcelgate/carrier"
}

locals {
  carrier_password = data.aws_secretsmanager_secret_version.carrier.secret_string
  ami              = "ami-c2028215760b7c306"
  image_digest     = "sha256:05fbdbbb9110df31505408da514f03749e48009f2fd4eb5ab243edd7f1557f66"
}
