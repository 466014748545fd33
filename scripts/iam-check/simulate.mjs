// Answers whether IAM allows a call, one query a line, by a simulator that others
// wrote: `node simulate.mjs DIR`, where DIR has @cloud-copilot/iam-simulate.
//
// {policies, action, resource, context, account, keyPolicy} → {allowed, deny: [Sids], unknown, error}
import path from 'node:path'
import readline from 'node:readline'
import { pathToFileURL } from 'node:url'

const entry = path.resolve(process.argv[2], 'node_modules/@cloud-copilot/iam-simulate/dist/esm/index.js')
const { runSimulation } = await import(pathToFileURL(entry))

// A key's own policy as KMS writes it by default: IAM policies of the account count.
const policyOfKey = (account, partition, more) => ({
  Version: '2012-10-17',
  Statement: [...(more ?? []), { Effect: 'Allow', Principal: { AWS: `arn:${partition}:iam::${account}:root` }, Action: 'kms:*', Resource: '*' }],
})

async function answer({ policies, action, resource, context, account, keyPolicy }) {
  const partition = resource.split(':')[1] ?? 'aws'
  const variables = {}
  for (const [key, values] of Object.entries(context ?? {})) {
    const many = key === 'kms:ResourceAliases' || key === 'dynamodb:LeadingKeys'
    variables[key] = many ? values : values[0]
  }
  const outcome = await runSimulation({
    request: {
      principal: `arn:${partition}:iam::${account}:role/keyturn-cron`,
      action,
      resource: { resource, accountId: account },
      contextVariables: variables,
    },
    identityPolicies: policies.map((policy, i) => ({ name: `policy-${i}`, policy })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: resource.includes(':key/') ? policyOfKey(account, partition, keyPolicy) : undefined,
  }, {})
  if (outcome.resultType === 'error') {
    return outcome.errors.message === 'invalid.action' ? { unknown: true } : { error: JSON.stringify(outcome.errors) }
  }
  const results = outcome.resultType === 'wildcard' ? outcome.results : [outcome.result]
  const denials = (r) => [r.analysis.identityAnalysis, r.analysis.resourceAnalysis].flatMap((a) => a?.denyStatements ?? [])
  const deny = results.flatMap((r) => denials(r).map((s) => s.statement.Sid))
  return { allowed: outcome.overallResult === 'Allowed', deny: [...new Set(deny)] }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  let out
  try {
    out = await answer(JSON.parse(line))
  } catch (e) {
    out = { error: String(e) }
  }
  process.stdout.write(JSON.stringify(out) + '\n')
}
