/**
 * What must be so for anything to be written to a copy, or deleted from one that stays. SQL asks all of it at once
 * (`db/copies/may-write.ts`), in the statement that says what will be written.
 */
export const writeTerms = {
  wanted: 'the copy is wanted',
  epoch: 'the master is the one from which the work began',
  generation: 'the decision is the one on which the work began',
  kept: 'the bucket is not being deleted',
  trusted: "the master's bucket is the recorded one and did not go backwards",
  unreleased: 'nobody has let the copy go',
  settled: 'no change that may narrow is undecided',
  running: 'neither the bucket nor its link is paused',
  open: 'the windows of the clusters at both ends of the link are open',
} as const
export type WriteTerm = keyof typeof writeTerms
