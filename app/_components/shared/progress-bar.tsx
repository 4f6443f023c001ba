export function ProgressBar({ share, label }: { readonly share: number; readonly label: string }) {
  const done = Math.round(share * 100)
  return (
    <span
      className="bar"
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={done}
      aria-label={label}
    >
      <span style={{ width: `${(share * 100).toFixed(1)}%` }} />
    </span>
  )
}
