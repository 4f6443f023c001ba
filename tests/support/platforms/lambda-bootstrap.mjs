// A function of AWS Lambda, as its runtime interface wants it: asks for events, posts what it returns.
const runtime = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`

function handle(event) {
  const { method } = event.requestContext.http
  if (event.rawPath === '/plain') return { method }
  return {
    statusCode: 201,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-method': method },
    cookies: ['a=1', 'b=2'],
    body: `${event.rawPath}?${event.rawQueryString} ${event.body ?? ''}`,
  }
}

for (;;) {
  const next = await fetch(`${runtime}/invocation/next`)
  const id = next.headers.get('lambda-runtime-aws-request-id')
  const body = JSON.stringify(handle(await next.json()))
  await fetch(`${runtime}/invocation/${id}/response`, { method: 'POST', body })
}
