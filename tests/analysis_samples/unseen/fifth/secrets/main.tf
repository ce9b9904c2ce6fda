terraform {
  required_version = "1.8.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.54.1"
    }
  }
}

variable "db_password" {
  type      = string
  sensitive = true
}

variable "api_token" {
  type        = string
  sensitive   = true
  description = "Token of the reporting service, for example rpt_XXXXXXXXXXXX"
  default     = ""
}

variable "monitor_key" {
  type    = string
  default = "1482cc859695c5355331e054df5812af"
}

provider "aws" {
  region     = "eu-north-1"
  access_key = "AKIAU26LP7NNXCJ6TRIX"
  secret_key = "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"
}

provider "aws" {
  alias   = "audit"
  region  = "eu-north-1"
  profile = "audit"
}

locals {
  password_length = 24
  secret_name     = "reef/database"
  kms_key_arn     = "arn:aws:kms:eu-north-1:123456789012:key/9edc1e51-4191-4908-a55c-660aefb542fd"
  ami_checksum    = "981f4448b0722747a9bb581076d473d101b118970d54fe5c86becb3bdddd4352"
  token_ttl       = "15m"
}

resource "random_password" "reader" {
  length  = local.password_length
  special = true
}

resource "aws_db_instance" "reef" {
  identifier                  = "reef"
  engine                      = "postgres"
  engine_version              = "16.3"
  instance_class              = "db.t4g.medium"
  allocated_storage           = 50
  username                    = "reef"
  password                    = var.db_password
  storage_encrypted           = true
  kms_key_id                  = local.kms_key_arn
  publicly_accessible         = false
  deletion_protection         = true
}

resource "aws_db_instance" "coral" {
  identifier          = "coral"
  engine              = "postgres"
  engine_version      = "16.3"
  instance_class      = "db.t4g.medium"
  allocated_storage   = 50
  username            = "coral"
  password            = "XJZXpfz9HdW!691rgu"
  storage_encrypted   = true
  publicly_accessible = false
  deletion_protection = true
}

resource "aws_secretsmanager_secret" "reef" {
  name       = local.secret_name
  kms_key_id = local.kms_key_arn
}

resource "aws_secretsmanager_secret_version" "reef" {
  secret_id     = aws_secretsmanager_secret.reef.id
  secret_string = random_password.reader.result
}

resource "aws_lambda_function" "counter" {
  function_name    = "fish-counter"
  role             = "arn:aws:iam::123456789012:role/fish-counter"
  handler          = "counter.handle"
  runtime          = "python3.12"
  filename         = "counter.zip"
  source_code_hash = "pxPFLx9HDB5a4R43CL04w9UwqNnfkNvRd7wTQlAXYW4="
  environment {
    variables = {
      SECRET_NAME   = local.secret_name
      REPORT_TOKEN  = var.api_token
      SLACK_TOKEN   = "xoxb-282809373091-3624275689939-GQ3QXXN3x8kv4ALUCW9GTdHb"
      PASSWORD_FILE = "/run/secrets/password"
    }
  }
}

output "password_hint" {
  value = "stored in ${local.secret_name}"
}
