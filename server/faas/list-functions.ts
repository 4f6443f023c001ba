// Which functions a deployment has, where its platform lists them.
import type { MayAsk } from '../ask-once.ts'
import { type CalledDeployment, callForm } from '../domain/fleet/call-form.ts'
import type { FaasKind } from '../domain/fleet/platform.ts'
import { type AskedPlatform, askPlatform } from './ask-platform.ts'
import { awsLambda } from './platforms/aws-lambda.ts'
import { azureFunctions } from './platforms/azure-functions.ts'
import type { FunctionLister } from './platforms/lister.ts'
import { openfaas } from './platforms/openfaas.ts'

const listers: Partial<Readonly<Record<FaasKind, FunctionLister>>> = {
  OPENFAAS: openfaas,
  AWS_LAMBDA: awsLambda,
  AZURE_FUNCTIONS: azureFunctions,
}
const most = 1_000

/** Sorted; undefined: the platform does not tell. Rejects where it cannot be asked now. */
export async function listFunctions(
  mayAsk: MayAsk,
  deployment: CalledDeployment & AskedPlatform,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const lister = listers[deployment.kind]
  // A function URL is one function, and its host lists nothing.
  if (lister === undefined || !callForm(deployment).path.includes('{name}')) return undefined
  const names = await lister(askPlatform(mayAsk, deployment, signal))
  const callable = names?.filter((name) => /^[A-Za-z0-9._~-]{1,200}$/.test(name))
  return callable && callable.length <= most ? [...new Set(callable)].sort() : undefined
}
