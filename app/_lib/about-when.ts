// About when copies that catch up are done, as the console tells it.
import type { AboutWhenFragment } from '../../graphql/generated/operations.ts'
import { duration } from './format.ts'

/** By the ids of copies, those of which it can be told. */
export type AboutWhen = ReadonlyMap<string, string>

/** `about 3 min left`: an estimate knows no seconds of an hour. */
export const leftWords = (seconds: number): string =>
  `about ${duration(seconds < 60 ? seconds : Math.ceil(seconds / 60) * 60)} left`

export const aboutWhenOf = (replicas: readonly AboutWhenFragment[]): AboutWhen =>
  new Map(replicas.flatMap(({ id, lag: { etaSeconds } }) => (etaSeconds === null ? [] : [[id, leftWords(etaSeconds)]])))
