/** How a MinIO is made to tell of its changes. */
export const WebhookRecipe = () => (
  <>
    A MinIO tells at once when it is started with a webhook target named <code>FADO</code>:{' '}
    <code>MINIO_NOTIFY_WEBHOOK_ENABLE_FADO=on</code>,{' '}
    <code>MINIO_NOTIFY_WEBHOOK_ENDPOINT_FADO={`${window.location.origin}/api/notify`}</code> and a token of the role
    notify in <code>MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_FADO</code>.
  </>
)
