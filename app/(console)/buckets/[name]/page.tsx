import type { Metadata } from 'next'
import { BucketScreen } from '../../../_components/bucket/bucket-screen.tsx'

type Props = { readonly params: Promise<{ readonly name: string }> }

const nameOf = async ({ params }: Props) => decodeURIComponent((await params).name)

export const generateMetadata = async (props: Props): Promise<Metadata> => ({ title: await nameOf(props) })

export default async function Page(props: Props) {
  return <BucketScreen name={await nameOf(props)} />
}
