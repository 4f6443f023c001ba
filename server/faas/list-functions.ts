// Which functions a deployment has, where its platform lists them.
import type { MayAsk } from '../ask-once.ts'
import { type CalledDeployment, callForm } from '../domain/fleet/call-form.ts'
import { functionNames, isFunctionName, mostFunctions } from '../domain/fleet/function-names.ts'
import type { FaasKind } from '../domain/fleet/platform.ts'
import { type AskedPlatform, askPlatform } from './ask-platform.ts'
import { awsLambda } from './platforms/aws-lambda.ts'
import { azureFunctions } from './platforms/azure-functions.ts'
import type { FunctionLister } from './platforms/lister.ts'
import { openfaas } from './platforms/openfaas.ts'

/** Null: a platform of the kind does not tell. */
const listers: Readonly<Record<FaasKind, FunctionLister | null>> = {
  OPENFAAS: openfaas,
  KNATIVE: null,
  AWS_LAMBDA: awsLambda,
  GOOGLE_CLOUD_FUNCTIONS: null,
  AZURE_FUNCTIONS: azureFunctions,
  HTTP: null,
}

/** Sorted; undefined: the platform does not tell. Rejects where it cannot be asked now. */
export async function listFunctions(
  mayAsk: MayAsk,
  deployment: CalledDeployment & AskedPlatform,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const lister = listers[deployment.kind]
  // A function URL is one function, and its host lists nothing.
  if (lister === null || !callForm(deployment).path.includes('{name}')) return undefined
  const names = await lister(askPlatform(mayAsk, deployment, signal))
  const callable = names?.filter(isFunctionName)
  return callable && callable.length <= mostFunctions ? functionNames(callable) : undefined
}
