import Link from 'next/link'

export const metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <main className="content">
      <div className="blank">
        <h1 className="sentence">There is no such page.</h1>
        <p className="text-ink-2">The address is wrong, or what it named is gone.</p>
        <div>
          <Link className="btn" href="/">
            Overview
          </Link>
        </div>
      </div>
    </main>
  )
}
