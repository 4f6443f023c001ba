/**
 * Keeps an answer for `factor` times as long as it took, so that asking costs at most 1 / `factor` of the time however many ask;
 * those who ask while it is on its way share it. A failure is not kept.
 */
export function keepAnswer<T>(
  ask: () => Promise<T>,
  factor: number,
  now: () => number = () => performance.now(),
): () => Promise<T> {
  let kept: Promise<T> | undefined
  let keptUntil = Number.POSITIVE_INFINITY

  function askAgain(): Promise<T> {
    const begunAt = now()
    keptUntil = Number.POSITIVE_INFINITY
    const answer = ask()
    kept = answer
    answer.then(
      () => {
        keptUntil = now() + factor * (now() - begunAt)
      },
      () => {
        kept = undefined
      },
    )
    return answer
  }
  return () => (kept !== undefined && now() < keptUntil ? kept : askAgain())
}
