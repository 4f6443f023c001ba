// Lists of names as people type them: `germany,eu`.
import { CommandFailure, exitCodes } from './failure.ts'

/**
 * An empty list means something else than none was meant (every zone, no bounds), so text that holds no name, as that of
 * a variable that is not set, is refused. `what`: what is typed, `none`: how an empty list is typed, where there is a way.
 */
export function parseNames(text: string, what: string, none?: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  if (!names.includes('')) return names
  const how = none === undefined ? 'leave the option out' : none
  throw new CommandFailure(
    exitCodes.usage,
    text.trim() === '' ? `${what} is empty: name at least one, or ${how}` : `${what} holds an empty name: "${text}"`,
  )
}
