# password = "Dune#Grass1"
variable "db_password" {
  type    = string
  default = "Dune#Grass22"
}
variable "api_token" {
  type      = string
  sensitive = true
}
provider "postgresql" {
  host     = "db.dune.example"
  password = "Marram!Root5"
}
resource "aws_db_instance" "main" {
  username             = "dune"
  password             = var.db_password
  manage_master_user_password = true
  kms_key_id = "arn:aws:kms:eu-central-1:111122223333:key/9f8e7d6c"
}
resource "random_password" "other" {
  length = 24
}
output "token" {
  value = random_password.other.result
}
locals {
  api_key = "h5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs8"
  secret_id = "dune/production"
  token = "${var.api_token}"
}
