// Envoy, MinIO and the browser, as the demo, the tests and `fado doctor` look for them.
import { FadoError } from './domain/errors.ts'
import { type Environment, findTool, missingTool, type ToolName } from './tools/find-tool.mjs'

export { findTool, type ToolName, tools } from './tools/find-tool.mjs'

/** The program's path, or a NOT_FOUND error that says what to install. `npm run setup` makes what can be made. */
export function locateTool(name: ToolName, env: Environment): string {
  const found = findTool(name, env)
  if (found === undefined) throw new FadoError('NOT_FOUND', missingTool(name, env))
  return found
}
