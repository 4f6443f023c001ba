import { expect, test } from 'vitest'
import {
  audiencesOf,
  callForm,
  canTakeGrpc,
  formCall,
  templateFault,
} from '../../../../server/domain/fleet/call-form.ts'

const google = { kind: 'GOOGLE_CLOUD_FUNCTIONS', functions: ['blur', 'resize'] } as const

test('an ID token is good for a function, or for a service that is one', () => {
  const project = { ...google, url: 'https://europe-west1-project.cloudfunctions.net' }
  expect(audiencesOf(project)).toEqual([`${project.url}/blur`, `${project.url}/resize`])
  expect(audiencesOf({ ...google, url: 'https://resize-1.europe-west1.run.app' })).toEqual([
    'https://resize-1.europe-west1.run.app',
  ])
  expect(audiencesOf({ ...google, url: 'https://x.example/base', pathTemplate: '/v1{rest}' })).toEqual([
    'https://x.example/base/v1',
  ])
})

test.for([
  ['AWS_LAMBDA', 'https://lambda.eu-central-1.amazonaws.com', 'resize', true],
  ['AWS_LAMBDA', 'https://lambda.eu-central-1.amazonaws.com', 'resize:prod', true],
  ['AWS_LAMBDA', 'https://lambda.eu-central-1.amazonaws.com', 'resize:$LATEST', true],
  ['AWS_LAMBDA', 'https://lambda.eu-central-1.amazonaws.com', 'arn:aws:lambda:eu-central-1:1:function:x', false],
  ['AWS_LAMBDA', 'https://lambda.eu-central-1.amazonaws.com', 're%2Fsize', false],
  ['AWS_LAMBDA', 'https://abc.lambda-url.eu-central-1.on.aws', 'any%2Fname', true],
  ['KNATIVE', 'http://default.example.org', 'resize', true],
  ['KNATIVE', 'http://default.example.org', 'resize.other', false],
  ['AZURE_FUNCTIONS', 'https://app.azurewebsites.net', 're.si_ze~', true],
  ['AZURE_FUNCTIONS', 'https://app.azurewebsites.net', 're%2e', false],
  ['OPENFAAS', 'http://gateway.example/base', 're%2Fsize', true],
] as const)('on %s at %s the function %s can be called: %s', ([kind, url, name, can]) => {
  expect(formCall(callForm({ kind, url }), `/function/${name}/x`) !== undefined).toBe(can)
})

test.for([
  ['/run/{name}{rest}', undefined],
  ['//{name}.default.example.org{rest}', undefined],
  ['{rest}', undefined],
  ['run/{name}', 'must begin with / or {rest}'],
  ['/run/{nam}', 'may hold {name} and {rest}, and no other braces'],
  ['/run/{name', 'may hold {name} and {rest}, and no other braces'],
  ['/{name}/{name}', 'may hold {name} and {rest} once each'],
  ['/{name}?a=b', 'must have no query and no fragment: the query of a call is added'],
  ['/a b', 'must be visible ASCII, at most 1024 characters'],
  ['///x', 'must name a host after //'],
  ['//{rest}', 'must name a host after //'],
] as const)('the template %s: %s', ([template, fault]) => {
  expect(templateFault(template)).toBe(fault)
})

test.for([
  ['HTTP', 'http://10.0.0.6:50051', '/hello.Greeter/SayHello', null],
  ['KNATIVE', 'http://default.example.org', '/hello.Greeter/SayHello', 'greeter.default.example.org'],
  ['GOOGLE_CLOUD_FUNCTIONS', 'https://greeter-1.a.run.app', '/hello.Greeter/SayHello', 'greeter-1.a.run.app'],
] as const)('a server of gRPC on %s at %s finds its method at %s', ([kind, url, path, host]) => {
  expect(canTakeGrpc({ kind, url })).toBe(true)
  for (const takes of ['grpc', 'both'] as const)
    expect(formCall(callForm({ kind, url, takes }), '/function/greeter/hello.Greeter/SayHello')).toEqual({
      name: 'greeter',
      path,
      host,
    })
})

test.for([
  ['OPENFAAS', 'http://gateway.example'],
  ['AWS_LAMBDA', 'https://lambda.eu-central-1.amazonaws.com'],
  ['AWS_LAMBDA', 'https://abc.lambda-url.eu-central-1.on.aws'],
  ['AZURE_FUNCTIONS', 'https://app.azurewebsites.net'],
  ['GOOGLE_CLOUD_FUNCTIONS', 'https://europe-west1-project.cloudfunctions.net'],
] as const)('%s at %s takes no calls of gRPC', ([kind, url]) => {
  expect(canTakeGrpc({ kind, url })).toBe(false)
})
