"""Lints IAM policies with parliament and cfn-lint, which others wrote.

    python lint.py DIR

DIR has the policies, one a file. A finding that is not in allowed.tsv fails, and
so does a line of allowed.tsv that nothing needs any more.
"""

import json
import pathlib
import subprocess
import sys

here = pathlib.Path(__file__).parent
bin_dir = pathlib.Path(sys.executable).parent
policies = {path.stem: json.loads(path.read_text()) for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json"))}


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if not done.stdout.strip() and done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stderr}")
    return done.stdout


def by_parliament(name, policy):
    """Yields the findings on one policy as (name, rule, text)."""
    for statement in policy["Statement"]:
        null = statement.get("Condition", {}).get("Null", {})
        for key, values in null.items():
            null[key] = values[0]  # IAM takes a list here, parliament breaks on one
    out = run(bin_dir / "parliament", "--json", "--string", json.dumps(policy))
    for line in out.splitlines():
        finding = json.loads(line)
        yield name, finding["issue"], str(finding["detail"])


def by_cfn_lint():
    """Yields the findings on all policies, wrapped in a template."""
    resources = {
        "".join(filter(str.isalnum, name)): {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}}
        for name, policy in policies.items()
    }
    template = pathlib.Path(sys.argv[1]) / "policies.template"
    template.write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}))
    for finding in json.loads(run(bin_dir / "cfn-lint", "--format", "json", str(template)) or "[]"):
        path = [str(part) for part in finding["Location"]["Path"]]
        yield path[1] if len(path) > 1 else "template", finding["Rule"]["Id"], finding["Message"]


allowed = []
for line in (here / "allowed.tsv").read_text().splitlines():
    if line and not line.startswith("#"):
        tool, rule, text, source = line.split("\t")
        if not source.startswith("https://docs.aws.amazon.com/"):
            sys.exit(f"allowed.tsv: {source} is not an address of AWS's documentation")
        allowed.append((tool, rule, text))

found = [("cfn-lint", *finding) for finding in by_cfn_lint()]
for name, policy in policies.items():
    found += [("parliament", *finding) for finding in by_parliament(name, policy)]

needed, bad = set(), 0
for tool, name, rule, text in found:
    excuses = [a for a in allowed if a[0] == tool and a[1] == rule and a[2] in text]
    needed.update(excuses)
    if not excuses:
        bad += 1
        print(f"{name}: {tool} {rule}: {text[:300]}")
for a in sorted(set(allowed) - needed):
    bad += 1
    print("allowed.tsv: nothing needs this line any more: " + " ".join(a))
print(f"{len(policies)} policies, {len(found)} findings of the linters, {bad} that are not allowed for")
sys.exit(bad > 0)
