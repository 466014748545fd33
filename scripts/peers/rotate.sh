#!/usr/bin/env bash
# The rotation script that teams write, for scripts/peers.sh: is it due? then make a
# key, move the alias, write down when, and which key was before.
#
#   rotate.sh NAME [again]
set -euo pipefail
name=$1

rotated=$(aws dynamodb get-item --table-name rotations --consistent-read --key "{\"key\":{\"S\":\"$name\"}}" \
  --query Item.rotated.N --output text)
if [ "$rotated" != None ] && [ -z "${2:-}" ] && [ $(($(date +%s) - rotated)) -lt $((90 * 86400)) ]; then
  exit 0
fi
previous=$(aws kms describe-key --key-id "alias/$name" --query KeyMetadata.KeyId --output text)
made=$(aws kms create-key --description "$name" --query KeyMetadata.KeyId --output text)
aws kms update-alias --alias-name "alias/$name" --target-key-id "$made"
aws dynamodb put-item --table-name rotations \
  --item "{\"key\":{\"S\":\"$name\"},\"rotated\":{\"N\":\"$(date +%s)\"},\"previous\":{\"S\":\"$previous\"}}"
