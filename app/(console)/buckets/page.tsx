import { BucketsScreen } from '../../_components/buckets/buckets-screen.tsx'

export const metadata = { title: 'Buckets' }

export default function Page() {
  return <BucketsScreen />
}
