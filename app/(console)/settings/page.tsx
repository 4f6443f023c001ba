import { SettingsScreen } from '../../_components/settings/settings-screen.tsx'

export const metadata = { title: 'Settings' }

export default function Page() {
  return <SettingsScreen />
}
