import { RoutingScreen } from '../../_components/routing/routing-screen.tsx'

export const metadata = { title: 'Routing' }

export default function Page() {
  return <RoutingScreen />
}
