#!/usr/bin/env bash
# A sweep as a job array: each task does its part of the runs in the folder they share.
#   sbatch --array=1-20 docs/cluster/slurm_array.sh configs/experiments/allocation_and_choice.yaml /shared/results/allocation_and_choice
# A task that was killed, or ran out of time, is simply submitted again: what it finished is kept.
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --time=04:00:00
set -euo pipefail

experiment=$1
out=$2

exec mahalle sweep "$experiment" --out "$out" \
    --shard "${SLURM_ARRAY_TASK_ID}/${SLURM_ARRAY_TASK_COUNT}" --workers "${SLURM_CPUS_PER_TASK:-1}"
