-- What calls were, by process and window of a few seconds. Unlogged: a minute of figures is not worth a disk's time.
-- CreateTable
CREATE UNLOGGED TABLE "call_window" (
    "id" UUID NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "rows" JSON NOT NULL,

    CONSTRAINT "call_window_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "call_window_ended_at_idx" ON "call_window"("ended_at");
