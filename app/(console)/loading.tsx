import { SkeletonSentence } from '../_components/shared/skeleton.tsx'

export default function Loading() {
  return (
    <div className="content">
      <SkeletonSentence />
    </div>
  )
}
