import Link from 'next/link'
import type { PlaceFragment } from '../../../graphql/generated/operations.ts'
import type { Cell } from '../../_lib/cells.ts'
import { clusterHref } from '../../_lib/hrefs.ts'
import { SignGlyph } from '../shared/glyph.tsx'

type Props = { readonly cell: Cell | null; readonly place: PlaceFragment }

/** A copy's cluster, and its store where that has a name of its own. */
export const Where = ({ cell, place: { name, cluster } }: Props) => (
  <>
    {cell && <SignGlyph mark={cell} />}{' '}
    <Link className="mono" href={clusterHref(cluster.name)}>
      {cluster.name}
    </Link>
    {name !== cluster.name && <span className="zone ml-1">{name}</span>}
  </>
)
