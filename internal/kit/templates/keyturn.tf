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
  region              = [[hcl .Region]]
  allowed_account_ids = [[print "[" (hcl .Account) "]"]]
}
[[- range .Tables]]

# If keyturn init --table has made it: terraform import aws_dynamodb_table.[[.ID]] [[.Name]]
resource "aws_dynamodb_table" "[[.ID]]" {
  name                        = [[hcl .Name]]
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
resource "aws_cloudwatch_metric_alarm" "[[.ID]]_unread" {
  alarm_name          = [[hcl (print "keyturn-unread-" .Name)]]
  alarm_description   = "keyturn: no run has read its table for an hour"
  namespace           = "AWS/DynamoDB"
  metric_name         = "ConsumedReadCapacityUnits"
  dimensions          = { TableName = aws_dynamodb_table.[[.ID]].name }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 1
  comparison_operator = "LessThanOrEqualToThreshold"
  threshold           = 0
  treat_missing_data  = "breaching"
  alarm_actions       = ["FILL-IN-ALARM-TOPIC"]
}
[[- end]]

# Runs that need a person, by the last line of each with KEYTURN_LOG=json. Empty: their logs are not in CloudWatch.
variable "log_group" {
  type    = string
  default = ""
}

resource "aws_cloudwatch_log_metric_filter" "person" {
  count          = var.log_group == "" ? 0 : 1
  name           = [[hcl (print "keyturn-person-" .Plan)]]
  log_group_name = var.log_group
  pattern        = [[hcl (print "{ $.line = \"end\" && $.verb = \"run\" && $.exit = 13 && $.plan = " (quoted .Plan) " }")]]

  metric_transformation {
    name      = [[hcl (print "person-" .Plan)]]
    namespace = "keyturn"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "person" {
  count               = var.log_group == "" ? 0 : 1
  alarm_name          = [[hcl (print "keyturn-person-" .Plan)]]
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
[[- range .Policies]]

resource "aws_iam_policy" "[[.ID]]" {
  name   = [[hcl (print "keyturn-" .Name)]]
  policy = file("${path.module}/policies/[[.Name]].json")
}
[[- end]]
[[- range $r := .Roles]]

resource "aws_iam_role" "[[.ID]]" {
  name               = [[hcl .Name]]
  assume_role_policy = file("${path.module}/policies/trust-[[.Role]].json")
}
[[- range .Policies]]

resource "aws_iam_role_policy_attachment" "[[$r.ID]]_[[.ID]]" {
  role       = aws_iam_role.[[$r.ID]].name
  policy_arn = aws_iam_policy.[[.ID]].arn
}
[[- end]]
[[- if and $.Pods .Account]]

resource "aws_eks_pod_identity_association" "[[.ID]]" {
  cluster_name    = "FILL-IN-CLUSTER"
  namespace       = "keyturn"
  service_account = [[hcl .Account]]
  role_arn        = aws_iam_role.[[.ID]].arn
}
[[- end]]
[[- end]]
[[- if .Machine]]

resource "aws_iam_instance_profile" "keyturn" {
  name = "keyturn"
  role = aws_iam_role.cron.name
}
[[- end]]
