import Link from 'next/link'

export function NoSuchBucket({ name }: { readonly name: string }) {
  return (
    <div className="blank">
      <p className="sentence">
        No bucket is called <code>{name}</code>.
      </p>
      <p className="text-ink-2">It may have been deleted. Calls that name it get 404.</p>
      <div>
        <Link className="btn" href="/buckets">
          All buckets
        </Link>
      </div>
    </div>
  )
}
