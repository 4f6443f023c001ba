import { ReplicationScreen } from '../../_components/replication/replication-screen.tsx'

export const metadata = { title: 'Replication' }

export default function Page() {
  return <ReplicationScreen />
}
