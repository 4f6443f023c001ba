import { TopologyScreen } from '../../_components/topology/topology-screen.tsx'

export const metadata = { title: 'Topology' }

export default function Page() {
  return <TopologyScreen />
}
