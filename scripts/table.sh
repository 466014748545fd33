#!/usr/bin/env bash
# Makes keyturn's lock table with the aws CLI: what `keyturn init --table` does,
# for those who make tables with their own tools. Safe to repeat.
#
#   scripts/table.sh [TABLE]      default: keyturn
#
# Region and credentials are the CLI's own (AWS_REGION, AWS_PROFILE, …).
set -euo pipefail

table=${1:-keyturn}
command -v aws >/dev/null || { echo 'no aws CLI here; hint: keyturn init --table' >&2; exit 1; }

if ! aws dynamodb describe-table --table-name "$table" >/dev/null 2>&1; then
  # The keys are what the record is found by. On demand: a quiet run costs one
  # read. Deletion protection: a lost table is a lost lock.
  aws dynamodb create-table --table-name "$table" \
    --attribute-definitions AttributeName=key,AttributeType=S AttributeName=item,AttributeType=S \
    --key-schema AttributeName=key,KeyType=HASH AttributeName=item,KeyType=RANGE \
    --billing-mode PAY_PER_REQUEST --deletion-protection-enabled \
    --tags Key=application,Value=keyturn >/dev/null
  echo "table $table: created"
fi
aws dynamodb wait table-exists --table-name "$table"
aws dynamodb update-continuous-backups --table-name "$table" \
  --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true >/dev/null
echo "table $table: active, point-in-time recovery on, deletion protection on"
