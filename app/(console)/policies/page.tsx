import { PoliciesScreen } from '../../_components/policies/policies-screen.tsx'

export const metadata = { title: 'Policies' }

export default function Page() {
  return <PoliciesScreen />
}
