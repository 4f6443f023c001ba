// For Google's functions-framework: answers with what it was asked.
export const resize = (request, response) =>
  response.status(201).send({ url: request.originalUrl, method: request.method, auth: request.get('authorization') })
