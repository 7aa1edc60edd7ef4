"""A sweep on workers that Dask asks Slurm for: `pip install 'mahalle[cluster]'`, then run this on the login node.

    python docs/cluster/slurm_dask.py configs/experiments/delegated_share.yaml /shared/results/delegated_share

The folder must be seen by all nodes. Workers come and go; the runs of one that is lost are done by another.
"""

import sys

from dask_jobqueue import SLURMCluster
from distributed import Client

import experiments

experiment, out = sys.argv[1:]
workers = 40

with SLURMCluster(cores=1, memory="2GB", walltime="04:00:00") as cluster, Client(cluster) as client:
    cluster.adapt(minimum=1, maximum=workers)
    sweep = experiments.run(experiment, out=out, executor=client.get_executor(pure=False), workers=workers)
print(sweep.summary().to_string(index=False))
