import { Overview } from '../_components/fleet/overview.tsx'

export const metadata = { title: 'Overview' }

export default function Page() {
  return <Overview />
}
