'use client'

type Props = { readonly error: Error & { readonly digest?: string }; readonly reset: () => void }

export default function ScreenError({ error, reset }: Props) {
  return (
    <main className="content">
      <div className="blank" role="alert">
        <h1 className="sentence">This screen failed to draw.</h1>
        <p className="text-ink-2">
          That is a fault of the console. Calls and copies go on: Envoy keeps its routes, movers keep their work.
        </p>
        <div>
          <button type="button" className="btn primary" onClick={reset}>
            Try again
          </button>
        </div>
        <pre className="answer">{error.digest ?? error.message}</pre>
      </div>
    </main>
  )
}
