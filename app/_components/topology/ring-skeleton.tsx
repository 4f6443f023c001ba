/** The ring before it is known what stands on it. */
export const RingSkeleton = () => (
  <div className="skeleton" aria-busy="true" role="status" aria-label="Loading">
    <span className="ring-ghost" />
  </div>
)
