# What keyturn needs of AWS for one plan: the lock table, the roles, an alarm. The policies in policies/
# are those of keyturn init --iam; after a change of the plan's keys, write this again and compare.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["FILL-IN-ACCOUNT"]
}

# If keyturn init --table has made it: terraform import aws_dynamodb_table.table_1_lock_table 1.lock-table
resource "aws_dynamodb_table" "table_1_lock_table" {
  name                        = "1.lock-table"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "key"
  range_key                   = "item"
  deletion_protection_enabled = true

  attribute {
    name = "key"
    type = "S"
  }

  attribute {
    name = "item"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  lifecycle {
    prevent_destroy = true
  }
}

# No pool has read the table for an hour: no run starts, or none has credentials.
resource "aws_cloudwatch_metric_alarm" "table_1_lock_table_unread" {
  alarm_name          = "keyturn-unread-1.lock-table"
  alarm_description   = "keyturn: no run has read its table for an hour"
  namespace           = "AWS/DynamoDB"
  metric_name         = "ConsumedReadCapacityUnits"
  dimensions          = { TableName = aws_dynamodb_table.table_1_lock_table.name }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 1
  comparison_operator = "LessThanOrEqualToThreshold"
  threshold           = 0
  treat_missing_data  = "breaching"
  alarm_actions       = ["FILL-IN-ALARM-TOPIC"]
}

# Runs that need a person, by the last line of each with KEYTURN_LOG=json. Empty: their logs are not in CloudWatch.
variable "log_group" {
  type    = string
  default = ""
}

resource "aws_cloudwatch_log_metric_filter" "person" {
  count          = var.log_group == "" ? 0 : 1
  name           = "keyturn-person-keyturn"
  log_group_name = var.log_group
  pattern        = "{ $.line = \"end\" && $.verb = \"run\" && $.exit = 13 && $.plan = \"keyturn\" }"

  metric_transformation {
    name      = "person-keyturn"
    namespace = "keyturn"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "person" {
  count               = var.log_group == "" ? 0 : 1
  alarm_name          = "keyturn-person-keyturn"
  alarm_description   = "keyturn: a run ended with 13, a key needs a person; keyturn status says which"
  namespace           = "keyturn"
  metric_name         = aws_cloudwatch_log_metric_filter.person[0].metric_transformation[0].name
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = ["FILL-IN-ALARM-TOPIC"]
}

resource "aws_iam_policy" "cron_1" {
  name   = "keyturn-cron-1"
  policy = file("${path.module}/policies/cron-1.json")
}

resource "aws_iam_policy" "cron_2" {
  name   = "keyturn-cron-2"
  policy = file("${path.module}/policies/cron-2.json")
}

resource "aws_iam_policy" "readonly" {
  name   = "keyturn-readonly"
  policy = file("${path.module}/policies/readonly.json")
}

resource "aws_iam_policy" "break_glass" {
  name   = "keyturn-break-glass"
  policy = file("${path.module}/policies/break-glass.json")
}

resource "aws_iam_role" "cron" {
  name               = "keyturn-cron"
  assume_role_policy = file("${path.module}/policies/trust-cron.json")
}

resource "aws_iam_role_policy_attachment" "cron_cron_1" {
  role       = aws_iam_role.cron.name
  policy_arn = aws_iam_policy.cron_1.arn
}

resource "aws_iam_role_policy_attachment" "cron_cron_2" {
  role       = aws_iam_role.cron.name
  policy_arn = aws_iam_policy.cron_2.arn
}

resource "aws_iam_role_policy_attachment" "cron_readonly" {
  role       = aws_iam_role.cron.name
  policy_arn = aws_iam_policy.readonly.arn
}

resource "aws_iam_role" "break_glass" {
  name               = "keyturn-break-glass"
  assume_role_policy = file("${path.module}/policies/trust-break-glass.json")
}

resource "aws_iam_role_policy_attachment" "break_glass_break_glass" {
  role       = aws_iam_role.break_glass.name
  policy_arn = aws_iam_policy.break_glass.arn
}

resource "aws_iam_role_policy_attachment" "break_glass_readonly" {
  role       = aws_iam_role.break_glass.name
  policy_arn = aws_iam_policy.readonly.arn
}

resource "aws_iam_instance_profile" "keyturn" {
  name = "keyturn"
  role = aws_iam_role.cron.name
}
