// For Knative Functions' runtime: answers with what it was asked.
exports.handle = (context, body) => ({
  statusCode: 201,
  headers: { 'x-host': context.headers.host },
  body: { method: context.method, query: context.query, body },
})
